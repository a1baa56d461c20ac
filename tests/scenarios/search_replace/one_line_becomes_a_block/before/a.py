def f(x):
    while x:
        x = g(x)
    return x
