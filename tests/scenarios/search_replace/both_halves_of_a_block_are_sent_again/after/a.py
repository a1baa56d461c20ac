def f():
    a = 10
    b = 2
    c = 3
    d = 40
    return a
