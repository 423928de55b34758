"""Wordings of constraints, one file a family: see ``verifiable/_worded.py``."""
