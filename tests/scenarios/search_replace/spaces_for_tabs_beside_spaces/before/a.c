    static int
f(int a)
{
    if (a)
	return 1;
    while (a)
    {
	g(a);
	if (b)
	    h(a);
    }
    return 0;
}
