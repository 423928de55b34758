"""Labellers: how a judge model is asked about responses, and how its replies become labels. One file each."""
