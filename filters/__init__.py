"""Instructions in, kept and dropped out. One filter a file, found by its id, which is the file's name."""
