class A:
    def f(self):
        a = 1
        return a + 1
def g():
