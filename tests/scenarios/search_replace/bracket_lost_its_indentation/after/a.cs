class A
{
    A()
    {
    }

    int f() => fresh;
}
