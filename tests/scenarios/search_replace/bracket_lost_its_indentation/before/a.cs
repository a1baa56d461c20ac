class A
{
    A()
    {
    }

    int f() => old;
}
