def f():
    """Use it:

```
f()
```
    """
