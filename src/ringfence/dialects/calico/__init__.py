"""Calico v3: how its objects are written, named, limited and refused."""
