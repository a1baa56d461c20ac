def f(u):
    check(u)
    user = get(u) or default()
    return user
