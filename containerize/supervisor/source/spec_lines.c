/* The file of services: lines of words. `\s` is a space, `\n` a line break, `\e` an empty word, `\xHH` a byte. */
#include "supervisor.h"

enum { MOST_BYTES = 1 << 20 };

void bad_line(int line, const char *problem, const char *word)
{
    char shown[64];
    format(shown, sizeof shown, "%s", word);
    give_up(STATUS_BROKEN_SPEC, "line %d of the file of services: %s%s%s", line, problem, *word ? ": " : "", shown);
}

void read_spec(const char *path)
{
    static char text[MOST_BYTES + 1];
    struct stat facts;
    size_t size = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        give_up(STATUS_BROKEN_SPEC, "cannot read the file of services %s: %s", path, error_text(errno));
    if (fstat(file, &facts) < 0 || !S_ISREG(facts.st_mode))
        give_up(STATUS_BROKEN_SPEC, "the file of services %s is not a regular file", path);
    for (;;) {
        ssize_t got = read(file, text + size, sizeof text - size);
        if (got < 0)
            give_up(STATUS_BROKEN_SPEC, "cannot read the file of services %s: %s", path, error_text(errno));
        if (got == 0)
            break;
        size += (size_t)got;
        if (size > MOST_BYTES)
            give_up(STATUS_BROKEN_SPEC, "the file of services %s is larger than %d bytes", path, MOST_BYTES);
    }
    close(file);
    parse_spec(text, size);
}

static int digit_of(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Replace the escapes of one word in its place; the result is never longer. */
static void decode(int line, char *word)
{
    char *to = word;
    for (const char *from = word; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        switch (*++from) {
        case '\\': *to++ = '\\'; break;
        case 's': *to++ = ' '; break;
        case 'n': *to++ = '\n'; break;
        case 't': *to++ = '\t'; break;
        case 'e': break;
        case 'x': {
            int high = digit_of(from[1]);
            int low = high < 0 ? -1 : digit_of(from[2]);
            if (low < 0 || high * 16 + low == 0)
                bad_line(line, "\\x needs two hexadecimal digits that are not 00", "");
            *to++ = (char)(high * 16 + low);
            from += 2;
            break;
        }
        default: bad_line(line, "unknown escape after \\", "");
        }
    }
    *to = 0;
}

/* `text` has room for a NUL after `size` bytes. Words stay where they are. */
void parse_spec(char *text, size_t size)
{
    static char *words[MOST_WORDS + 1];
    int line = 0;
    text[size] = 0;
    for (size_t at = 0; at < size; line++) {
        int count = 0;
        while (at < size && text[at] != '\n') {
            if (text[at] == ' ') {
                text[at++] = 0;
                continue;
            }
            if (count == MOST_WORDS)
                bad_line(line + 1, "too many words", "");
            words[count++] = text + at;
            for (; at < size && text[at] != ' ' && text[at] != '\n'; at++)
                if (text[at] < '!' || text[at] > '~')
                    bad_line(line + 1, "a byte that is not printable ASCII", "");
        }
        if (at < size)
            text[at++] = 0;
        for (int word = 0; word < count; word++)
            decode(line + 1, words[word]);
        words[count] = 0;
        if (line == 0) {
            if (count != 2 || strcmp(words[0], "brownfield-services") || strcmp(words[1], "1"))
                bad_line(1, "not a file of services of this version of the supervisor", "");
        } else if (count) {
            apply_setting(line + 1, count, words);
        }
    }
    if (line == 0)
        give_up(STATUS_BROKEN_SPEC, "the file of services is empty");
    check_services();
}
