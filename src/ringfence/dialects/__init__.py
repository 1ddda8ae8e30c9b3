"""Policy APIs as text: read and written here only, each dialect unaware of the others."""
