"""Links that Debian's tools make are made by these tools, and names of a host run nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from containerize.rebuild.package_tools import is_alternative, locale_commands, switch
from containerize.rebuild.recipe import Because
from tests.containerize.rebuild.test_recipe_refinement import link

APACHE = "/etc/apache2/mods-enabled"


def lines(*links: tuple[str, str], gone: tuple[str, ...] = ()) -> list[str]:
    found = switch([link(path, target) for path, target in links], [Because(path, "r") for path in gone])
    assert (found.links, found.removals) == ((), ())
    return [command for command, _ in found.commands]


def test_modules_go_before_others_come_and_both_files_of_one_are_one() -> None:
    assert lines(
        (f"{APACHE}/mpm_prefork.load", "../mods-available/mpm_prefork.load"),
        (f"{APACHE}/mpm_prefork.conf", "../mods-available/mpm_prefork.conf"),
        (f"{APACHE}/php8.2.load", "../mods-available/php8.2.load"),
        gone=(f"{APACHE}/mpm_event.load", f"{APACHE}/mpm_event.conf"),
    ) == ["a2dismod --quiet --force mpm_event", "a2enmod --quiet mpm_prefork php8.2"]


def test_php_and_lighttpd_have_their_own_tools() -> None:
    place = "/etc/php/8.2/fpm/conf.d"
    assert lines((f"{place}/20-gd.ini", "/etc/php/8.2/mods-available/gd.ini"), gone=(f"{place}/20-ffi.ini",)) == [
        "phpdismod -v 8.2 -s fpm ffi",
        "phpenmod -v 8.2 -s fpm gd",
    ]
    lighttpd = ("/etc/lighttpd/conf-enabled/10-fastcgi.conf", "../conf-available/10-fastcgi.conf")
    assert lines(lighttpd) == ["lighty-enable-mod fastcgi || [ $? -eq 2 ]"]


def test_a_link_that_no_tool_makes_stays_a_link() -> None:
    links = [
        link("/etc/apache2/sites-enabled/shop.conf", "/srv/shop/apache.conf"),
        link("/etc/nginx/sites-enabled/shop", "../sites-available/shop"),
        link("/etc/apache2/sites-enabled/;id.conf", "../sites-available/;id.conf"),
        link("/etc/apache2/sites-enabled/-f.conf", "../sites-available/-f.conf"),
        link("/etc/php/8.2/fpm/conf.d/gd.ini", "/etc/php/8.2/mods-available/gd.ini"),
    ]
    removals = [Because("/etc/nginx/sites-enabled/default", "r")]
    found = switch(links, removals)
    assert (found.commands, list(found.links), list(found.removals)) == ((), links, removals)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_command_has_plain_words_alone(name: str, target: str) -> None:
    path = f"{APACHE}/{name}.load"
    found = switch([link(path, f"../mods-available/{name}.load"), link(path, target)], [Because(path, "r")])
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+- ")
    assert all(set(command) <= plain for command, _ in found.commands)


def test_both_links_of_an_alternative_are_known() -> None:
    assert is_alternative(link("/usr/bin/awk", "/etc/alternatives/awk"))
    assert is_alternative(link("/etc/alternatives/awk", "/usr/bin/mawk"))
    assert not is_alternative(link("/usr/bin/awk", "mawk"))
    assert not is_alternative(link("/usr/local/bin/java", "/etc/alternatives/java"))


def test_locales_are_generated_where_all_of_them_can_be() -> None:
    assert locale_commands([("LANG", "de_DE.UTF-8"), ("LC_TIME", "C"), ("PATH", "/bin")]) == (
        ("localedef -i de_DE -f UTF-8 de_DE.UTF-8", "generates the language of the service"),
    )
    assert (
        locale_commands([("LC_ALL", "de_DE.UTF-8@euro")])[0][0] == "localedef -i de_DE@euro -f UTF-8 de_DE.UTF-8@euro"
    )
    assert locale_commands([("LANG", "C.UTF-8")]) == ()
    assert locale_commands([("LANG", "de_DE.UTF-8"), ("LC_ALL", "$(id)")]) == ()
    assert locale_commands([("LANG", "de_DE.ISO-8859-1")]) == ()
