"""Recipes: one YAML file, one benchmark release. ``load`` reads them, the packaged ones lie beside it."""
