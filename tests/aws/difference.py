"""Where the emulators are known not to be like AWS, in what our code could rely on.

By emulator and test: what it does instead. A test of these has to fail; one that does not is no difference
any more, and its line goes. What moto gets wrong and a suite depends on is put right in `tests.moto_gap`;
what the local stack depends on, in `infra.local.fix`. The rest is here so that nobody comes to rely on it.
"""

VERSIONS = {"moto": "5.2.5", "ministack": "1.5.33"}

DIFFERENCES: dict[tuple[str, str], str] = {
    ("moto", "test_an_aborted_upload_is_gone"): "a part for an aborted upload crashes with a KeyError",
    (
        "moto",
        "test_a_stopped_execution_is_aborted_at_once_with_the_reason",
    ): "a stop in the first moments crashes, and a later one drops error and cause",
    (
        "moto",
        "test_the_token_of_a_stopped_execution_is_soon_refused",
    ): "an execution that waits for a token goes on when it is stopped",
    (
        "moto",
        "test_a_wake_is_sent_once_under_its_deduplication_id",
    ): "a deduplication id is forgotten when its message has been deleted",
    (
        "moto",
        "test_the_size_of_an_absent_attribute_is_smaller_than_nothing",
    ): "size() of an absent attribute crashes with a ValueError",
    ("moto", "test_an_index_s_key_is_of_its_type"): "an index takes a key of another type",
    (
        "moto",
        "test_a_page_that_is_full_at_the_last_row_names_a_next_one",
    ): "a page that ends at the last row is said to be the last",
    ("moto", "test_a_row_has_at_most_400_kilobytes"): "rows are refused from 405,000 bytes on",
    ("moto", "test_a_number_keeps_38_digits_and_no_more"): "a number may have any length",
    ("moto", "test_a_number_is_kept_in_its_shortest_form"): "a number is kept as it was sent",
    (
        "moto",
        "test_the_stream_is_silent_about_what_changes_nothing",
    ): "the stream has a record of a write that changes nothing",
}
