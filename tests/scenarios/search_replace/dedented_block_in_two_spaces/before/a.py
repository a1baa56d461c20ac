def f(y):
  y += 1
  save(y)


def g():
  pass
