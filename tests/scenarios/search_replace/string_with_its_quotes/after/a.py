x = f("a.c", 1)
