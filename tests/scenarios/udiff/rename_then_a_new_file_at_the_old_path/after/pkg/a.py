from pkg.core.a import x, y
