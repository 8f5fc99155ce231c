/* Memory, numbers and sentences. */
#include "supervisor.h"

/* The spec is at most 1 MiB, and its words and lists take less than five times that. Only children allocate more. */
static char arena[8 << 20] __attribute__((aligned(16)));
static size_t used;

void *allocate(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size > sizeof arena - used)
        give_up(STATUS_BROKEN_SPEC, "the file of services needs too much memory");
    void *found = arena + used;
    used += size;
    return found;
}

char *join(const char *one, const char *two, const char *three)
{
    size_t size = strlen(one) + strlen(two) + strlen(three) + 1;
    char *joined = allocate(size);
    format(joined, size, "%s%s%s", one, two, three);
    return joined;
}

size_t format(char *to, size_t size, const char *form, ...)
{
    va_list values;
    va_start(values, form);
    size_t length = format_list(to, size, form, values);
    va_end(values);
    return length;
}

/* %s and %d, and %f for tenths as a decimal number. The text is cut to fit, and ends with a NUL. */
size_t format_list(char *to, size_t size, const char *form, va_list values)
{
    size_t at = 0;
    for (; *form; form++) {
        char digits[24];
        const char *text = digits;
        if (*form != '%') {
            digits[0] = *form;
            digits[1] = 0;
        } else if (*++form == 's') {
            text = va_arg(values, const char *);
        } else {
            long number = va_arg(values, int);
            unsigned long left = number < 0 ? -(unsigned long)number : (unsigned long)number;
            char *digit = digits + sizeof digits - 1;
            *digit = 0;
            if (*form == 'f') {
                *--digit = (char)('0' + left % 10);
                *--digit = '.';
                left /= 10;
            }
            do
                *--digit = (char)('0' + left % 10);
            while (left /= 10);
            if (number < 0)
                *--digit = '-';
            text = digit;
        }
        for (; *text && at + 1 < size; text++)
            to[at++] = *text;
    }
    to[at] = 0;
    return at;
}

/* `to` has room for 20 digits and a NUL. */
void format_number(char *to, unsigned long long number)
{
    unsigned long long left = number;
    do
        to++;
    while (left /= 10);
    *to = 0;
    do
        *--to = (char)('0' + number % 10);
    while (number /= 10);
}

/* Strict: digits of the base only, no sign, no space. Return 0 for anything else and for what exceeds `most`. */
int to_number(const char *text, int base, unsigned long long most, unsigned long long *to)
{
    unsigned long long number = 0;
    if (!*text)
        return 0;
    for (; *text; text++) {
        if (*text < '0' || *text >= '0' + base)
            return 0;
        unsigned long long digit = (unsigned long long)(*text - '0');
        if (number > (most - digit) / (unsigned long long)base)
            return 0;
        number = number * (unsigned long long)base + digit;
    }
    *to = number;
    return number <= most;
}

const char *error_text(int error)
{
    static const struct {
        int error;
        const char *text;
    } texts[] = {
        {EPERM, "operation not permitted"},
        {ENOENT, "no such file or directory"},
        {EIO, "input/output error"},
        {E2BIG, "the arguments and variables are too long"},
        {ENOEXEC, "not a program of this processor, and not a script with an interpreter in its first line"},
        {EAGAIN, "a limit of processes is reached"},
        {ENOMEM, "out of memory"},
        {EACCES, "permission denied"},
        {EEXIST, "another file has this name"},
        {ENOTDIR, "not a directory"},
        {EINVAL, "invalid argument"},
        {ENFILE, "too many open files"},
        {EMFILE, "too many open files"},
        {ETXTBSY, "the file is being written"},
        {ENOSPC, "no space left"},
        {EROFS, "the file system is read-only"},
        {ELOOP, "a symbolic link that others than root could have made"},
        {ENAMETOOLONG, "the name is too long"},
        {EADDRINUSE, "the address is in use"},
        {EADDRNOTAVAIL, "the address is not one of this container"},
        {EAFNOSUPPORT, "this container has no such network"},
    };
    static char other[32];
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++)
        if (texts[at].error == error)
            return texts[at].text;
    format(other, sizeof other, "error %d", error);
    return other;
}
