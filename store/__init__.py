"""Where work is kept: workspace and lock, fingerprints, stage engine, request ledger, and the door to source files."""
