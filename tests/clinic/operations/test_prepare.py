"""What `manage.py prepare` leaves behind is what the site then serves."""

from tests.site import Site


def test_after_the_development_server_the_static_files_are_still_collected_and_pages_served(tmp_path):
    site = Site(tmp_path, DEBUG="1")
    site.manage("prepare")
    del site.environment["DEBUG"]
    site.manage("prepare")
    assert "css/site." in site.python("from django.templatetags.static import static; print(static('css/site.css'))")


def test_static_files_that_were_deleted_are_collected_anew(tmp_path):
    site = Site(tmp_path)
    site.manage("prepare")
    for file in (tmp_path / "var/static").glob("*.*"):
        if not file.name.startswith("."):
            file.unlink()
    site.manage("prepare")
    assert "css/site." in site.python("from django.templatetags.static import static; print(static('css/site.css'))")
