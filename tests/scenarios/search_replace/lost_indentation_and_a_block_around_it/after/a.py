def a(x):
    if x:
        return 1
    if y:
        return 2
