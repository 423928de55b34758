"""Scenarios, one a file, found by id, which is the file's name. ``benchwright new scenario NAME`` writes one."""
