"""Verifiable constraints, one family a file. A constraint's id is ``family.name``; the family is the file's name."""
