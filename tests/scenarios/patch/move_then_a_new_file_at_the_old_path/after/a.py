from b import x, y
