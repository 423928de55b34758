"""From responses to labels to verdicts."""
