"""What exists: layers, street graph, checks, one GeoPackage per territory."""
