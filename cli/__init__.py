"""The command line, one file a verb group. Handlers import what they need when they run."""
