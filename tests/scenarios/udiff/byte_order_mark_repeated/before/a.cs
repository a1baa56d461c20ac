using A;
using B;
class C {}
