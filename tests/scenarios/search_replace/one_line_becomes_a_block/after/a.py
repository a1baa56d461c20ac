def f(x):
    while x:
        if x > 9:
            break
        x = g(x)
    return x
