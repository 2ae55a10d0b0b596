//! `serve`: everything on one machine, with the API and its pages at one URL.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jobs::clock::SystemClock;
use serde_json::json;
use settings::auth::{Auth, Jwt, JwtConfig, Loopback};
use settings::server::Server;
use settings::{Api, Explain, FollowsSettings, Intake};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::dispatch::interrupted;
use crate::args::ServeArgs;
use crate::connect::{ConnectError, place};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::fields::org_notes;
use crate::output;
use crate::report::{DIM, STRONG};
use crate::serve::{Desk, QueueIntake, Worker, Workplace, desk};

/// How long the end waits for a run that is under way. What it has not settled, the next program does.
const LONGEST_END: Duration = Duration::from_secs(10);

/// Serves until Ctrl-C or SIGTERM.
pub(super) async fn run(context: &Context, args: &ServeArgs) -> Result<Exit, Failure> {
    // Before the ledger: a port that is taken should keep nobody waiting for a lock.
    let (listener, address) = listen(&args.listen).await?;
    let auth = auth(args, address)?;
    // One for the whole time: a signal that comes between two waits is not lost.
    let mut end = std::pin::pin!(interrupted());
    let workplace = tokio::select! {
        biased;
        () = end.as_mut() => return Err(Failure::Interrupted),
        opened = Workplace::open(context, &args.sandbox_listen) => opened?,
    };
    let (desk, orders) = desk();
    let router = settings::router(api(context, &workplace, auth, desk)?);
    let resume_every = Duration::from_secs(60 * u64::from(args.resume_minutes));
    let tells = !context.global.json;
    let server = Server::start(listener, router);
    let server = server.map_err(|error| Failure::Io { what: format!("serve {address}"), error })?;
    welcome(context, &workplace, server.address);

    let Workplace { jobs, queue, ends, .. } = workplace;
    let (stop, stopped) = watch::channel(false);
    let worker = Worker::new(jobs, context.account.clone(), queue, orders, resume_every, tells).await?;
    let mut worker = tokio::spawn(worker.run(stopped));
    end.await;
    output::tell("stopping");
    server.stop().await;
    stop.send_replace(true);
    if tokio::time::timeout(LONGEST_END, &mut worker).await.is_err() {
        output::tell("a run is still under way; what it has not settled goes on next time");
        // Before the lock is given back.
        worker.abort();
        let _ = worker.await;
    }
    ends.close().await;
    Ok(Exit::Done)
}

/// Listens on this machine alone.
async fn listen(place: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |error| ConnectError::Address { address: place.to_owned(), error };
    let found = tokio::net::lookup_host(place).await.map_err(failed)?.next();
    let address = found.ok_or_else(|| failed(std::io::Error::other("no such host")))?;
    if !address.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "listen on {address}: serve is for this machine alone; give a loopback address such as 127.0.0.1:8088"
        )));
    }
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Who may ask: whoever sits at this machine, or who brings a token of the issuer that is named.
fn auth(args: &ServeArgs, address: SocketAddr) -> Result<Auth, Failure> {
    let (Some(issuer), Some(audience)) = (args.jwt_issuer.clone(), args.jwt_audience.clone()) else {
        return Ok(Auth::Loopback(Loopback::new(address.port())));
    };
    let config = JwtConfig { issuer, audience, client: args.jwt_client.clone() };
    let jwt = Jwt::new(config, Arc::new(SystemClock)).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(Auth::Jwt(Arc::new(jwt)))
}

fn api(context: &Context, workplace: &Workplace, auth: Auth, desk: Desk) -> Result<Api, Failure> {
    let (account, jobs) = (context.account.clone(), workplace.jobs.clone());
    let intake = QueueIntake::open(context.db(), account.clone(), jobs.ledger.clone(), desk.clone())?;
    let explain = workplace.explain(context).map(|explain| -> Arc<dyn Explain> { Arc::new(explain) });
    let intake: Arc<dyn Intake> = Arc::new(intake);
    Ok(Api {
        jobs,
        account,
        auth,
        work: Arc::new(desk),
        schedule: Arc::new(FollowsSettings),
        explain,
        intake: Some(intake),
        download_bytes_max: None,
    })
}

fn welcome(context: &Context, workplace: &Workplace, address: SocketAddr) {
    let url = format!("http://{address}");
    let sandbox = workplace.ends.sandbox.as_ref();
    let goes_to = place(&workplace.target, context.db());
    if context.global.json {
        output::json(&json!({
            "url": url,
            "account": context.account,
            "sandbox": sandbox.map(|running| &running.url),
            "exportsTo": goes_to,
        }));
        return;
    }
    let mut text = format!("open {STRONG}{url}{STRONG:#}\n  {DIM}records go to{DIM:#}  {goes_to}\n");
    if let Some(running) = sandbox {
        text.push_str(&format!("  {DIM}sandbox{DIM:#}        {}\n", running.url));
    }
    text.push_str(&format!(
        "  {DIM}records in{DIM:#}     curl {url}/api/records -H 'X-Requested-With: crm-export' \\\n                 \
         -H 'Content-Type: application/x-ndjson' --data-binary @FILE.ndjson\nCtrl-C stops it\n"
    ));
    output::answer(&text);
    for note in sandbox.map(org_notes).unwrap_or_default() {
        output::warn(&note);
    }
    if let Some(error) = &workplace.ends.connection.unavailable {
        output::warn(&format!("the CRM does not answer ({}); records wait until it does", error.code));
    }
}
