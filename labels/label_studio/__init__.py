"""Label Studio, both ways: tasks of an annotation project out, annotations back."""
