"""From graphs to a release on disk: splits, Parquet, card, manifest; and the audit that derives it again."""
