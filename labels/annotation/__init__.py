"""An annotation project: what people are asked, what they answered, and the records that come of it."""
