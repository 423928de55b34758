"""Sources of real instructions, one a file, found by id, which is the file's name."""
