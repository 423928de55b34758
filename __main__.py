"""``python -m benchwright``."""

from benchwright.cli.app import main

if __name__ == "__main__":
    main()
