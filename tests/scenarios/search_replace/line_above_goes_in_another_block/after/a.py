import x

@cache(1)
def f():
    y = 2
    return y
