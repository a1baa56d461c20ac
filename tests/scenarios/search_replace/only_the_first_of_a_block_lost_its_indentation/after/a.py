def f(y):
  y += 1
  if not y:
    load()
  save(y)
