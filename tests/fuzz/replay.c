/* Runs a fuzz driver over files: the corpus as a regression test, without libFuzzer. Drivers are built for
 * fuzzing with clang -fsanitize=fuzzer,address,undefined (make fuzz); here with the flags of the rest. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    /* Exactly as long as the input, so that reading behind its end is detected. */
    uint8_t *p = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
    ssize_t n = p ? read(fd, p, (size_t)st.st_size) : -1;
    if (n >= 0)
        LLVMFuzzerTestOneInput(p, (size_t)n);
    free(p);
    close(fd);
    return n < 0;
}

int main(int argc, char **argv)
{
    int bad = 0;
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        int rc = run(argv[i]);
        bad |= rc;
        printf("%s %d - %s\n", rc ? "not ok" : "ok", i, argv[i]);
    }
    return bad || argc < 2;
}
