x = f(1, extra)
