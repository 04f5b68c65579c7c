"""Pictures, one a file: each takes answers and gives an Altair chart, for the page in the browser and for reports."""
