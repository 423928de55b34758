"""Checklists: soft constraints that a model draws out of an instruction. One way a file; ``draft`` runs them."""
