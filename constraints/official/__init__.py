"""What the published checkers say, mistakes included: for leaderboards, and to show what ``fixed`` changes."""
