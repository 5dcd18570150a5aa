"""Rows that people bring, in whatever file they lie: one reader for all commands.

    for table in tables_of("data/*.csv.gz"):
        for where, row in table.rows():      # ("data/a.csv.gz:2", {"question": …, "answer": …})
            at(row, "messages.0.content")

    names  → places     files, patterns, folders of `datasets`, standard input      place.py
    place  → stream     decompressed, in UTF-8                                      stream.py
    stream → format     told by what the file holds, then by its name               format.py
    format → records    one file for each: json_lines, json_text, delimited, parquet, saved

What stands in no such format is refused in one line that names the format found.
"""

from cotkd.store.tables.path import at
from cotkd.store.tables.record import Fault, Record
from cotkd.store.tables.table import Table, tables_of

__all__ = ["Fault", "Record", "Table", "at", "tables_of"]
