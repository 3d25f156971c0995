"""What tools/check.py proves about the sources; one module per kind of rule."""
