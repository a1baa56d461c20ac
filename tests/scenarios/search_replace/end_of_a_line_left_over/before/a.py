def f(u):
    user = get(u) or default()
    return user
