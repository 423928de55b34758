"""From verdicts to preference graphs, pairs and best-of-n lists. Pure; a plain reference beside each fast version."""
