"""From source rows to instructions: sources read, scenarios select."""
