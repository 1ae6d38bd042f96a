"""The annex of a regional order: workbook, document and map."""
