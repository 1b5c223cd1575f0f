-- audit_context version 1
-- Who acts, for which request, and why, as the transaction or the session has it in the settings audit.actor,
-- audit.correlation_id and audit.context, the last of them a JSON object as text.
--
-- A setting that was set for an earlier transaction only is an empty text, not NULL. What somebody set by hand and is no
-- JSON object is kept all the same. Where there is nothing, the database's own user stands in the context.
CREATE FUNCTION {schema}.audit_context_v01(OUT actor text, OUT correlation_id text, OUT context json)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    given text := NULLIF(current_setting('audit.context', true), '');
BEGIN
    actor := NULLIF(current_setting('audit.actor', true), '');
    correlation_id := NULLIF(current_setting('audit.correlation_id', true), '');
    IF actor IS NULL AND correlation_id IS NULL AND given IS NULL THEN
        context := json_build_object('database_user', session_user);
        RETURN;
    END IF;
    IF char_length(actor) > 255 THEN
        RAISE EXCEPTION '(audit) audit.actor has % characters, and the log holds 255', char_length(actor)
            USING ERRCODE = 'string_data_right_truncation';
    END IF;
    IF char_length(correlation_id) > 255 THEN
        RAISE EXCEPTION '(audit) audit.correlation_id has % characters, and the log holds 255', char_length(correlation_id)
            USING ERRCODE = 'string_data_right_truncation';
    END IF;
    IF given IS NOT NULL THEN
        BEGIN
            context := given::json;
            IF json_typeof(context) <> 'object' THEN
                context := json_build_object('context', context);
            END IF;
        EXCEPTION WHEN others THEN
            context := json_build_object('context', given);
        END;
    END IF;
END
$$;
