/* ORM_MAP(m, a, b, ...): m(a), m(b), ... for 1 to 24 arguments; ORM_ARGS: a literal text and the values of its '?'s. */
#ifndef ORM_MAP_H
#define ORM_MAP_H

#define ORM_CAT_(a, b) a##b
#define ORM_CAT(a, b)  ORM_CAT_(a, b)
#define ORM_N_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22,    \
               a23, a24, N, ...)                                                                                       \
    N
#define ORM_N(...)                                                                                                     \
    ORM_N_(__VA_ARGS__, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define ORM_M1(m, a)       m(a)
#define ORM_M2(m, a, ...)  m(a), ORM_M1(m, __VA_ARGS__)
#define ORM_M3(m, a, ...)  m(a), ORM_M2(m, __VA_ARGS__)
#define ORM_M4(m, a, ...)  m(a), ORM_M3(m, __VA_ARGS__)
#define ORM_M5(m, a, ...)  m(a), ORM_M4(m, __VA_ARGS__)
#define ORM_M6(m, a, ...)  m(a), ORM_M5(m, __VA_ARGS__)
#define ORM_M7(m, a, ...)  m(a), ORM_M6(m, __VA_ARGS__)
#define ORM_M8(m, a, ...)  m(a), ORM_M7(m, __VA_ARGS__)
#define ORM_M9(m, a, ...)  m(a), ORM_M8(m, __VA_ARGS__)
#define ORM_M10(m, a, ...) m(a), ORM_M9(m, __VA_ARGS__)
#define ORM_M11(m, a, ...) m(a), ORM_M10(m, __VA_ARGS__)
#define ORM_M12(m, a, ...) m(a), ORM_M11(m, __VA_ARGS__)
#define ORM_M13(m, a, ...) m(a), ORM_M12(m, __VA_ARGS__)
#define ORM_M14(m, a, ...) m(a), ORM_M13(m, __VA_ARGS__)
#define ORM_M15(m, a, ...) m(a), ORM_M14(m, __VA_ARGS__)
#define ORM_M16(m, a, ...) m(a), ORM_M15(m, __VA_ARGS__)
#define ORM_M17(m, a, ...) m(a), ORM_M16(m, __VA_ARGS__)
#define ORM_M18(m, a, ...) m(a), ORM_M17(m, __VA_ARGS__)
#define ORM_M19(m, a, ...) m(a), ORM_M18(m, __VA_ARGS__)
#define ORM_M20(m, a, ...) m(a), ORM_M19(m, __VA_ARGS__)
#define ORM_M21(m, a, ...) m(a), ORM_M20(m, __VA_ARGS__)
#define ORM_M22(m, a, ...) m(a), ORM_M21(m, __VA_ARGS__)
#define ORM_M23(m, a, ...) m(a), ORM_M22(m, __VA_ARGS__)
#define ORM_M24(m, a, ...) m(a), ORM_M23(m, __VA_ARGS__)
#define ORM_MAP(m, ...)    ORM_CAT(ORM_M, ORM_N(__VA_ARGS__))(m, __VA_ARGS__)

/* The first argument must be a string literal: "" x "" refuses everything else at compile time, so that user data can
   only enter through a '?'. Value 0 repeats the text; the values of the '?'s begin at 1. */
#define ORM_LIT_(x, ...) "" x ""
#define ORM_LIT(...)     ORM_LIT_(__VA_ARGS__, 0)
#define ORM_ARGS(...)                                                                                                  \
    ORM_LIT(__VA_ARGS__), (const orm_val[])                                                                            \
    {                                                                                                                  \
        ORM_MAP(ORM_V, __VA_ARGS__),                                                                                   \
        {                                                                                                              \
            .tag = ORM_END                                                                                             \
        }                                                                                                              \
    }

#endif
