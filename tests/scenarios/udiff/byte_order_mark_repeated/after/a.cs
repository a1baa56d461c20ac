using B;
class C {}
